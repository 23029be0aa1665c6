/** A budget of bytes that are held between two questions to the collector, which cost time. */

/** Bytes that may be held between two questions to the collector. */
export interface Budget {
  /** Always. */
  readonly least: number
  /** Where results come so fast that asking would take more than a tenth of the time. */
  readonly most: number
}

/** How much may be held until the next question: `ask` asks, `held` says what is held. */
export const createAsker = ({ least, most }: Budget, ask: () => void, held: () => number): (() => number) => {
  /** What was held, and when, after the collector was asked last. */
  let after = { held: 0, time: performance.now() }
  return () => {
    const [asked, grown] = [performance.now(), held() - after.held]
    ask()
    const now = performance.now()
    const worth = (10 * grown * (now - asked)) / Math.max(asked - after.time, 1)
    after = { held: held(), time: now }
    // What lives on is not to be asked about again too soon.
    return Math.max(least, 2 * held(), Math.min(held() + worth, most))
  }
}
