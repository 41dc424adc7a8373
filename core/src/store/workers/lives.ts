/**
 * Until when a worker `w` lives, as far as its lease tells: by the database's clock, and never shorter
 * than a lease after the server came up. While it was away nobody could tell that they live; nobody is
 * to be robbed for that.
 */

/**
 * When the server started, or came up again after one of its processes had crashed: that ends every
 * session, and Postgres then begins to count anew. Somebody who resets its counters only makes others
 * more patient for a while.
 */
const UP_SINCE = "greatest(pg_postmaster_start_time(), pg_stat_get_bgwriter_stat_reset_time())";

const LEASE = "(w.expires_at - w.beat_at)";

/** Since the server came up everybody had the time to tell that they live. */
export const UP_FOR_A_LEASE: string = `${UP_SINCE} < now() - ${LEASE}`;

export const LIVES_UNTIL: string = `greatest(w.expires_at, ${UP_SINCE} + ${LEASE})`;

export const LIVES: string = `${LIVES_UNTIL} > now()`;
