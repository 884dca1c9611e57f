import { describe, expect, it } from 'vitest';

import { computeBootCode, computeCoreImage } from '../../../guest/image/bootLoader.ts';

const CORE_SECTOR = 2048;

describe('the boot code', () => {
  it('loads the core image from its sector, off the drive that the BIOS names', () => {
    const code = computeBootCode(Buffer.alloc(512, 0xee), CORE_SECTOR);

    expect(code.readBigUInt64LE(0x5c)).toBe(2048n);
    expect(code.readUInt8(0x64)).toBe(0xff);
    expect(code.subarray(0x66, 0x68).toString('hex')).toBe('9090');
  });

  it("leaves the partition table's bytes alone", () => {
    expect(computeBootCode(Buffer.alloc(512, 0xee), CORE_SECTOR)).toHaveLength(440);
  });

  it('is refused of what is no boot sector', () => {
    expect(() => computeBootCode(Buffer.alloc(1024), CORE_SECTOR)).toThrow('512 bytes, not 1024');
  });
});

describe('the core image', () => {
  it('knows that its second sector follows its first on the disk', () => {
    const core = computeCoreImage(aCoreImage({ sectors: 4, listed: 3 }), CORE_SECTOR);

    expect(core.readBigUInt64LE(500)).toBe(2049n);
    expect(core.readUInt16LE(508)).toBe(3);
  });

  it('counts a last sector that is not full', () => {
    const image = aCoreImage({ sectors: 4, listed: 3 }).subarray(0, 3 * 512 + 1);

    expect(computeCoreImage(image, CORE_SECTOR).readBigUInt64LE(500)).toBe(2049n);
  });

  it('is refused when it lists other sectors than it has', () => {
    const image = aCoreImage({ sectors: 4, listed: 9 });

    expect(() => computeCoreImage(image, CORE_SECTOR)).toThrow(
      'lists 9 sectors after its first, and there are 3',
    );
  });
});

function aCoreImage({ sectors, listed }: { sectors: number; listed: number }): Buffer {
  const image = Buffer.alloc(sectors * 512, 0xee);
  image.writeUInt16LE(listed, 508);
  return image;
}
