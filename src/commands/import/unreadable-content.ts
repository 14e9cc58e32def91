/** What a file cannot be read any further for. */

/** Its message is the reason, for people; only the rest of one file is lost with it. */
export class UnreadableContent extends Error {}
