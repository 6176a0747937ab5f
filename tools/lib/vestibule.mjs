import { run } from './run.mjs';

/** Our own command line, built as needed. */
export const vestibule = (...args) =>
  run('cargo', ['run', '--quiet', '--bin', 'vestibule', '--', ...args]);

/** New keys for sealing cookies and for signing the assertion to the application. */
export const newKeys = async () => JSON.parse(await vestibule('keys', 'new', '--json'));

/** The document `idp/<id>` that a metadata file makes. */
export const idpDocument = (metadataFile) =>
  vestibule(
    ...['idp', 'add', metadataFile, '--name', 'Sample IdP'],
    ...['--email-attribute', 'email', '--groups-attribute', 'groups'],
  );
