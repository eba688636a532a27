import { defineConfig } from '@hey-api/openapi-ts';

/**
 * Names as the FastAPI full-stack template's client has them: `users-read_users` becomes `UsersService.readUsers`, and
 * schemas keep the names of the document.
 */
export default defineConfig({
  input: '../../docs/openapi.json',
  output: {
    path: 'src',
    // Node strips types, but it looks for the file that the import names.
    module: { extension: '.ts' },
    preferExportAll: true,
    // Otherwise the nearest tsconfig.json has a say in the output, and so has the folder it is written to.
    tsConfigPath: null,
  },
  logs: { file: false },
  plugins: [
    { name: '@hey-api/client-fetch', includeInEntry: true },
    { name: '@hey-api/typescript', definitions: { case: 'preserve' } },
    {
      name: '@hey-api/sdk',
      operations: {
        strategy: 'byTags',
        containerName: '{{name}}Service',
        methods: 'static',
        // What stands before the last dash is the tag, which the class is named after.
        nestingDelimiters: /^.*-/,
      },
    },
  ],
});
