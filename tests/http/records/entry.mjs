// Stands in front of the built Worker in workerd, with an Analytics Engine that shows what it got: at
// `http://points.test/`. Miniflare's own takes points and shows none.
import gate from './index.js';

export * from './index.js';

const points = [];

export default {
  fetch(request, env, context) {
    if (new URL(request.url).host === 'points.test') return Response.json(points);
    const DECISIONS = {
      writeDataPoint(point) {
        if (env.POINTS === 'fail') throw new Error('no such dataset');
        points.push(point);
      },
    };
    return gate.fetch(request, { ...env, DECISIONS }, context);
  },
};
