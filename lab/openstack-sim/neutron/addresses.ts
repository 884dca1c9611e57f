/** No address is left, or not this one. */
export class AddressTaken extends Error {}

/** The IPv4 addresses of a subnet; those given back are used again last. */
export class Addresses {
  readonly cidr: string;
  readonly gateway: string;
  readonly first: string;
  readonly last: string;
  readonly #base: number;
  readonly #size: number;
  readonly #taken = new Set<number>();
  #next = 2;

  /** @throws Error for what is no IPv4 network of at least four addresses. */
  constructor(cidr: string) {
    const [address = '', bits = ''] = cidr.split('/');
    const prefix = Number(bits);
    if (!/^\d+(\.\d+){3}$/.test(address) || !/^\d+$/.test(bits) || prefix > 30) {
      throw new Error(`${cidr} is no IPv4 network`);
    }
    this.#size = 2 ** (32 - prefix);
    const number = toNumber(address);
    this.#base = number - (number % this.#size);
    this.cidr = `${toText(this.#base)}/${prefix}`;
    this.gateway = toText(this.#base + 1);
    this.first = toText(this.#base + 2);
    this.last = toText(this.#base + this.#size - 2);
  }

  /** Addresses that can be given out, and those that are. */
  get use(): { readonly total: number; readonly used: number } {
    return { total: this.#size - 3, used: this.#taken.size };
  }

  /** @throws AddressTaken when there is none left, or the wanted one isn't free. */
  take(wanted?: string): string {
    if (wanted !== undefined) {
      const offset = toNumber(wanted) - this.#base;
      if (offset < 2 || offset > this.#size - 2 || this.#taken.has(offset)) throw new AddressTaken(wanted);
      this.#taken.add(offset);
      return wanted;
    }
    const pool = this.#size - 3;
    for (let tried = 0; tried < pool; tried += 1) {
      const offset = this.#next;
      this.#next = offset >= this.#size - 2 ? 2 : offset + 1;
      if (this.#taken.has(offset)) continue;
      this.#taken.add(offset);
      return toText(this.#base + offset);
    }
    throw new AddressTaken('none is left');
  }

  /** Gives one back. */
  free(address: string): void {
    this.#taken.delete(toNumber(address) - this.#base);
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
