/** What was computed for an object and a text, kept as long as the object is. */

/** A memory of at most `limit` answers for one object: gives what `make` gave before, or asks it. Errors are not remembered. */
export const remembered = /* @__NO_SIDE_EFFECTS__ */ <V>(limit: number): ((owner: object, key: string, make: () => V) => V) => {
  const all = new WeakMap<object, Map<string, V>>()
  return (owner, key, make) => {
    let known = all.get(owner)
    if (known === undefined) all.set(owner, (known = new Map<string, V>()))
    if (known.has(key)) return known.get(key)!
    const value = make()
    if (known.size >= limit) known.delete(known.keys().next().value!)
    known.set(key, value)
    return value
  }
}
