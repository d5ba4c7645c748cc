/**
 * The one way data enters CacheDB: compares the lane's stored state with what the caller expects and, only if they
 * are equal, writes all documents and the new state. Redis runs a script alone, so readers see all of it or nothing,
 * and a worker that was overtaken changes nothing (W37).
 *
 * KEYS[1] the lane's state. ARGV[1] expected state, empty for none. ARGV[2] next state. ARGV[3] packed writes.
 * Returns 1 when written, else the state found (false for none).
 * The documents' keys share the hash tag of KEYS[1]; they come packed, not as KEYS, because Lua cannot take
 * tens of thousands of arguments.
 */
export const APPLY_SCRIPT = `
local found = redis.call('GET', KEYS[1])
if (found or '') ~= ARGV[1] then return found end
local ops, at, size = ARGV[3], 1, #ARGV[3]
local unpack_length, cut, call = struct.unpack, string.sub, redis.call
local sets, set_count, dels, del_count = {}, 0, {}, 0
while at <= size do
  local length = unpack_length('>I4', ops, at)
  local key = cut(ops, at + 4, at + 3 + length)
  at = at + 4 + length
  length = unpack_length('>I4', ops, at)
  if length == 4294967295 then
    del_count = del_count + 1
    dels[del_count] = key
    at = at + 4
    if del_count == 1000 then call('UNLINK', unpack(dels)) dels = {} del_count = 0 end
  else
    sets[set_count + 1] = key
    sets[set_count + 2] = cut(ops, at + 4, at + 3 + length)
    set_count = set_count + 2
    at = at + 4 + length
    if set_count == 1000 then call('MSET', unpack(sets)) sets = {} set_count = 0 end
  end
end
if set_count > 0 then call('MSET', unpack(sets)) end
if del_count > 0 then call('UNLINK', unpack(dels)) end
call('SET', KEYS[1], ARGV[2])
return 1
`;
