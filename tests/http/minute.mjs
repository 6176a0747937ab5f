import { pause } from '../../tools/lib/servers.mjs';

/** Goes on where so many seconds are left of this minute: with the next one, all counts of a rate limit begin anew. */
export async function earlyInAMinute(seconds = 20) {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < seconds * 1_000) await pause(left);
}
