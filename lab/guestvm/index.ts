export { bootGuest, OUTSIDE, type BootedGuest, type BootOptions, type Cable } from './bootGuest.ts';
