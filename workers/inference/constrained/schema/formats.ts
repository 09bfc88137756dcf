// The formats of texts, as patterns: what is generated for each, which is part of what the format allows.

const DAY = '(?:0[1-9]|[12]\\d|3[01])';
const LEAP_YEAR = '(?:[1-9]\\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)';
const DATE = [
  `[1-9]\\d{3}-(?:(?:0[13578]|1[02])-${DAY}|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))`,
  `${LEAP_YEAR}-02-29`,
].join('|');
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,6})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)';
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?';
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const GROUP = '[0-9a-f]{1,4}';
const IPV6 = [
  `(?:${GROUP}:){7}${GROUP}`,
  `::(?:${GROUP}(?::${GROUP}){0,5})?`,
  ...[1, 2, 3, 4, 5, 6].map((n) => `${GROUP}(?::${GROUP}){${n - 1}}::(?:${GROUP}(?::${GROUP}){0,${6 - n}})?`),
].join('|');
const NUMBER = '(?:0|[1-9]\\d{0,8})';
const CLOCK = [`${NUMBER}H(?:${NUMBER}M)?(?:${NUMBER}S)?`, `${NUMBER}M(?:${NUMBER}S)?`, `${NUMBER}S`].join('|');
const DAYS = [`${NUMBER}Y(?:${NUMBER}M)?(?:${NUMBER}D)?`, `${NUMBER}M(?:${NUMBER}D)?`, `${NUMBER}D`].join('|');

export const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  'date-time': `(?:${DATE})T${TIME}`,
  duration: `P(?:(?:${DAYS})(?:T(?:${CLOCK}))?|T(?:${CLOCK})|${NUMBER}W)`,
  email: `[A-Za-z0-9_+-]{1,32}(?:\\.[A-Za-z0-9_+-]{1,32}){0,3}@(?:${LABEL}\\.){1,4}[A-Za-z]{2,12}`,
  hostname: `${LABEL}(?:\\.${LABEL}){0,5}`,
  ipv4: `(?:${BYTE}\\.){3}${BYTE}`,
  ipv6: IPV6,
  uri: `https?://${LABEL}(?:\\.${LABEL}){0,5}(?::[1-9]\\d{0,3})?(?:/[A-Za-z0-9._~-]*)*(?:\\?[A-Za-z0-9._~=&-]*)?(?:#[A-Za-z0-9._~-]*)?`,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
};
