export { bootGuest, type BootedGuest, type BootOptions } from './bootGuest.ts';
export { makeConfigDrive, type ConfigDrive } from './configDrive.ts';
