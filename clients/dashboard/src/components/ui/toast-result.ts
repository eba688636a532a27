import { textOf } from '#lib/errors.ts';
import { showToast } from './toast.tsx';

/** Says how it ended, also when the button that began it is gone meanwhile. */
export async function toastResult(action: Promise<unknown>, text: string): Promise<void> {
  try {
    await action;
    showToast({ text });
  } catch (err) {
    showToast({ text: textOf(err) });
  }
}
