import type * as z from 'zod';
import { httpOrigins, httpUrl, originOf } from './fields.ts';

/** Name the frontend and the pages that may call the API from a browser. */
export const corsFields = {
  FRONTEND_HOST: httpUrl('http://localhost:8000'),
  BACKEND_CORS_ORIGINS: httpOrigins(
    'http://localhost,http://localhost:5173,https://localhost,https://localhost:5173',
  ),
};

type CorsEnv = z.output<z.ZodObject<typeof corsFields>>;

/** Returns the origins that {@link corsFields} allow, in a browser's form. */
export const corsOrigins = ({ FRONTEND_HOST, BACKEND_CORS_ORIGINS }: CorsEnv): string[] => [
  originOf(FRONTEND_HOST),
  ...BACKEND_CORS_ORIGINS,
];
