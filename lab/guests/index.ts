/** Simulated probe guests: real user-data, real pulls from S3, real exporters' formats; imports nothing of src. */
export type { Exporter, Listen } from './doors.ts';
export type { GuestServer, GuestState, Place } from './guest.ts';
export { startGuests, type Guests, type GuestsOptions } from './guests.ts';
export { CALM, createLoadModel, type Load, type LoadModel } from './model.ts';
