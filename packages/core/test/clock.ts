import { jest } from "@jest/globals";

/** When the tests' time begins. */
export const startMs: number = Date.UTC(2030, 0, 1);

/** Puts a clock in place that moves only when told. Microtasks run as ever. */
export function stopClock(): void {
  jest.useFakeTimers({ now: startMs, doNotFake: ["queueMicrotask", "nextTick", "setImmediate"] });
}

/** Time passes: timers fire. */
export const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** The container is frozen for so long: the clock moves, and no timer fires. A negative time sets the clock back. */
export const freeze = (ms: number): void => {
  jest.setSystemTime(Date.now() + ms);
};

/** Lets everything run that waits for no clock. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
