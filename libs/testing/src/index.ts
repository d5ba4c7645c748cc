export { createDatabase, freshRedisDb, query, withRedis, type TestDatabase, type TestRedisDb } from './databases.js';
export { watchLeaks, type LeakScope } from './leaks.js';
export { testServers, type TestServers } from './servers.js';
export { waitFor, type WaitForOptions } from './wait-for.js';
