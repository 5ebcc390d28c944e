import { jest } from "@jest/globals";

/** When the tests' time begins. */
export const startMs: number = Date.UTC(2030, 0, 1);

/** Puts a clock in place that moves only when told. Microtasks and sockets run as ever. */
export function stopClock(nowMs: number = startMs): void {
  jest.useFakeTimers({ now: nowMs, doNotFake: ["queueMicrotask", "nextTick", "setImmediate"] });
}

/** Time passes: timers fire. */
export const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** The process is frozen for so long: the clock moves, and no timer fires. */
export const freeze = (ms: number): void => {
  jest.setSystemTime(Date.now() + ms);
};
