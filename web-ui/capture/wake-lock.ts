/** Keeps the screen from going dark while `wanted`, as far as the browser can; it must be asked for anew after each absence. */
export class WakeLock {
  #lock: Promise<WakeLockSentinel> | null = null;
  #wanted = false;

  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.renew();
  }

  /** To be called when the page is seen again. */
  renew(): void {
    if (!this.#wanted || document.visibilityState !== 'visible') {
      this.#lock?.then((lock) => lock.release()).catch(() => {});
      this.#lock = null;
      return;
    }
    // Refused on a low battery, absent in old browsers: the device then sleeps as it always did.
    this.#lock ??= navigator.wakeLock?.request('screen') ?? null;
    this.#lock?.then((lock) => lock.addEventListener('release', () => (this.#lock = null))).catch(() => (this.#lock = null));
  }
}
