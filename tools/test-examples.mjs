import { moreTests } from './lib/more-tests.mjs';
import { nginx } from './setup/nginx.mjs';

await moreTests({
  needs: { title: 'nginx', usually: '10 s the first time', set: nginx },
  title: 'Applications behind the gate',
  usually: '5 min the first time',
  files: ['express', 'flask', 'nginx', 'axum'].map((name) => `tests/examples/${name}.test.mjs`),
});
