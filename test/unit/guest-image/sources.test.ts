import { describe, expect, it } from 'vitest';

import { parseAptOptions, parseSources } from '../../../guest/image/sources.ts';

const MAIN = 'http://mirror.example.net/debian/\tbookworm\tmain\tDebian';
const SECURITY = 'http://mirror.example.net/debian-security/\tbookworm-security\tmain\tDebian';

describe("this machine's sources", () => {
  it('are those of Debian 12, each once', () => {
    expect(parseSources(`${MAIN}\n${SECURITY}\n${MAIN}\n`)).toEqual([
      'deb http://mirror.example.net/debian/ bookworm main',
      'deb http://mirror.example.net/debian-security/ bookworm-security main',
    ]);
  });

  it.each([
    ['another vendor', 'https://apt.example.net/\tbookworm\tmain\tVendor'],
    ['another release', 'http://mirror.example.net/debian/\ttrixie\tmain\tDebian'],
    ['what is not free', 'http://mirror.example.net/debian/\tbookworm\tnon-free\tDebian'],
  ])('are not those of %s', (_of, line) => {
    expect(parseSources(`${MAIN}\n${line}\n`)).toHaveLength(1);
  });

  it("are none when the release itself isn't among them", () => {
    expect(parseSources(`${SECURITY}\n`)).toEqual([]);
  });
});

describe("this machine's way to its mirror", () => {
  it('is its proxies and its checks of dates, and nothing else', () => {
    const dump = [
      'APT "";',
      'Acquire::http "";',
      'Acquire::http::Proxy "http://proxy.example.net:3128";',
      'Acquire::http::Proxy::deb.debian.org "DIRECT";',
      'Acquire::https::mirror.example.net::Proxy "http://proxy.example.net:3128";',
      'Acquire::Check-Valid-Until "false";',
      'Acquire::GzipIndexes "true";',
      'DPkg::Post-Invoke:: "rm -f /var/cache/apt/archives/*.deb || true";',
    ].join('\n');

    expect(parseAptOptions(dump)).toEqual([
      'Acquire::http::Proxy "http://proxy.example.net:3128";',
      'Acquire::http::Proxy::deb.debian.org "DIRECT";',
      'Acquire::https::mirror.example.net::Proxy "http://proxy.example.net:3128";',
      'Acquire::Check-Valid-Until "false";',
    ]);
  });
});
