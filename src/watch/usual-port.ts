/** The port of the page that is tried first. */
export const usualPort = 4173;
