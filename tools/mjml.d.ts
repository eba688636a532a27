declare module 'mjml' {
  type Options = {
    filePath: string;
    ignoreIncludes: boolean;
    validationLevel: 'strict' | 'soft' | 'skip';
    keepComments: boolean;
    fonts: Record<string, string>;
  };
  export default function mjml2html(mjml: string, options: Options): Promise<{ html: string }>;
}
