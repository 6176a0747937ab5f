import { moreTests } from './lib/more-tests.mjs';
import { identityProviders } from './setup/identity-providers.mjs';

await moreTests({
  needs: { title: 'SimpleSAMLphp and pysaml2', usually: '1 min the first time', set: identityProviders },
  title: 'Identity providers that others wrote',
  usually: '30 s',
  files: ['tests/idps/idps.test.mjs'],
});
