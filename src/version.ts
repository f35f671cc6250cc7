// Written by npm run generate from package.json.

/** This action's version. */
export const VERSION = '1.0.0';
/** Where it is published on GitHub. */
export const REPOSITORY = 'OWNER/cloudflare-share-action';
