import { isIPv6 } from 'node:net';

/** An IPv4 address inside an IPv6 one, as servers see it that listen on both. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const IPV6_GROUPS = 8;
/** What one subscriber is given at least, and may change within as they like. */
const NETWORK_GROUPS = 4;

/**
 * Who stands behind an address, as far as limits go: the IPv4 address, or the /64 network of an IPv6 address, such as
 * `2001:db8:0:1::/64`.
 */
export function sourceOf(ip: string | null | undefined): string {
  if (ip === null || ip === undefined || ip === '') return 'unknown';
  const [, mapped] = MAPPED.exec(ip) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(ip)) return ip;
  const [address = ''] = ip.split('%', 1);
  const network = groupsOf(address).slice(0, NETWORK_GROUPS);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** All eight groups; an IPv4 address at the end, which is two of them, does not reach into the network. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split('::', 2);
  const split = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [split(head), split(tail ?? '')];
  return [...first, ...Array<string>(IPV6_GROUPS - first.length - last.length).fill('0'), ...last];
}
