/** More than the targets of ten thousand hypervisors. */
export const TARGETS_BYTES_MAX = 32 * 1024 * 1024;
