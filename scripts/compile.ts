/**
 * Runs at install time (`prepare`), with the cache that scripts/roomtone names: loads the hub's code without starting it, so that
 * the first start after an install is as quick as those that follow.
 */
await import('../daemon/cli/start.ts');
