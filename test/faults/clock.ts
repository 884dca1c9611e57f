/**
 * Loaded before a worker (`node --import`): its clock jumps by CLOCK_JUMP_MS when it gets SIGWINCH, and back with the next
 * one. Neither the worker nor its SDK takes that one for anything; the clocks of workflows are the server's and don't jump.
 */
const jumpMs = Number(process.env['CLOCK_JUMP_MS']);
const RealDate = Date;
let isWrong = false;

const now = (): number => RealDate.now() + (isWrong ? jumpMs : 0);

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
});

process.on('SIGWINCH', () => {
  isWrong = !isWrong;
});
