/**
 * Until when a worker `w` lives, as far as its lease tells: by the database's clock, and never shorter
 * than a lease after the server's own start. While the server was away nobody could tell that they live;
 * nobody is to be robbed for that.
 */
export const LIVES_UNTIL: string = `
    greatest(w.expires_at, pg_postmaster_start_time() + (w.expires_at - w.beat_at))`;

export const LIVES: string = `${LIVES_UNTIL} > now()`;
