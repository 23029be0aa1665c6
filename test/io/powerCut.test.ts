import * as E from 'fp-ts/lib/Either.js'
import * as O from 'fp-ts/lib/Option.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { data, io, np } from '../../src/index.js'
import { filesOn } from '../../src/data/nodeFiles.js'
import type { Disk } from '../data/disk.js'
import { makeDisk } from '../data/disk.js'
import { right } from './either.js'

/** Parameters that say which save they are of, in every tensor. */
const paramsOf = (n: number) => ({ a: np.full([3], n), b: { c: np.full([2, 2], n), d: np.full([5], n) } })

/** A writer of models, and what is found by whoever reads them: the number of a save, or null for nothing. */
interface Writer {
  readonly save: (files: io.Files, n: number) => TE.TaskEither<io.DataFault, unknown>
  readonly load: (files: io.Files) => Promise<number | null>
}

/** The one number that all tensors hold. */
const numberIn = (weights: io.Weights): number => {
  const found = new Set(Object.values(weights).flatMap((x) => [...x.toTypedArray()]))
  expect(Object.keys(weights).length).toBe(3)
  expect(found.size, 'tensors of one save').toBe(1)
  return [...found][0]!
}
const found = <A>(loaded: E.Either<io.DataFault, A>, number: (a: A) => number): number | null => {
  if (E.isRight(loaded)) return number(loaded.right)
  expect(loaded.left._tag, loaded.left.message).toBe('NotFound')
  return null
}
const kept = (files: io.Files) => io.checkpoints({ dir: 'm', like: paramsOf(0), keep: 1, files })

const writers: Readonly<Record<string, Writer>> = {
  saveNpy: {
    save: (files, n) => io.saveNpy('m/x.npy', np.full([5], n), { files }),
    load: async (files) => found(await io.loadNpy('m/x.npy', { files })(), (x) => Number(np.max(x).item())),
  },
  saveNpz: {
    save: (files, n) => io.saveNpz('m/x.npz', paramsOf(n), { files }),
    load: async (files) => found(await io.loadNpz('m/x.npz', { files })(), numberIn),
  },
  saveSafetensors: {
    save: (files, n) => io.saveSafetensors('m/x.safetensors', paramsOf(n), { files }),
    load: async (files) => found(await io.loadSafetensors('m/x.safetensors', { files })(), ({ tensors }) => numberIn(tensors)),
  },
  saveSharded: {
    save: (files, n) => io.saveSharded('m/x', paramsOf(n), { files, maxShardBytes: 20 }),
    load: async (files) => {
      const opened = await io.openSharded('m/x.safetensors.index.json', { files })()
      return E.isLeft(opened) ? found(opened, () => NaN) : numberIn(right(await opened.right.readAll()()))
    },
  },
  checkpoints: {
    save: (files, n) => kept(files).save(n, paramsOf(n)),
    load: async (files) => {
      const latest = right(await kept(files).latest())
      if (O.isNone(latest)) return null
      expect(latest.value.skipped).toEqual([])
      expect(numberIn(io.toWeights(latest.value.value))).toBe(latest.value.step)
      return latest.value.step
    },
  },
}

/** A disk with the saves 1 to `before` on it. */
const diskWith = async (writer: Writer, before: number): Promise<Disk> => {
  const disk = makeDisk()
  for (let n = 1; n <= before; n++)
    right(
      await writer.save(
        filesOn(() => disk.fs),
        n,
      )(),
    )
  return disk
}

describe.each(Object.entries(writers))('%s', (name, writer) => {
  it.each([0, 1, 2])('over %i older saves, with the power cut after every call, leaves the old one or the new one', async (before) => {
    const whole = await diskWith(writer, before)
    const first = whole.calls.length
    right(
      await writer.save(
        filesOn(() => whole.fs),
        before + 1,
      )(),
    )
    const last = whole.calls.length
    expect(last - first).toBeGreaterThan(4)
    let states = 0
    const seen = new Set<number | null>()
    for (let cut = first; cut <= last; cut++) {
      const disk = await diskWith(writer, before)
      disk.stopAt(cut)
      const saved = await writer.save(
        filesOn(() => disk.fs),
        before + 1,
      )()
      for (const state of disk.afterPowerCut()) {
        const n = await writer.load(io.memoryFiles(state))
        expect([before === 0 ? null : before, before + 1], `${name}: cut after ${disk.calls.slice(first).join(', ')}`).toContain(n)
        // What a save has reported as done stays.
        if (E.isRight(saved)) expect(n).toBe(before + 1)
        seen.add(n)
        states++
      }
    }
    expect(seen.size).toBe(2)
    expect(states).toBeGreaterThan(last - first)
  })

  it('leaves nothing behind on a full disk', async () => {
    const disk = await diskWith(writer, 1)
    const files = filesOn(() => disk.fs)
    const before = right(await files.list('m')())
    disk.limit(30)
    expect(E.isLeft(await writer.save(files, 2)())).toBe(true)
    expect(await writer.load(files)).toBe(1)
    expect(right(await files.list('m')())).toEqual(before)
  })
})

it('a download is in the cache whole or not at all, wherever the power is cut', async () => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, i) => i % 251)
  const url = 'https://example.org/a.bin'
  const remote: data.Remote = { path: 'a.bin', urls: [url], sha256: await data.sha256(bytes) }
  const on = (disk: Disk): data.World => ({ ...data.memoryWorld({ pages: { [url]: bytes } }), ...filesOn(() => disk.fs) })
  const whole = makeDisk()
  right(await data.download(remote, { directory: 'm', capabilities: on(whole) })())
  expect(whole.calls.length).toBeGreaterThan(5)
  for (let cut = 0; cut <= whole.calls.length; cut++) {
    const disk = makeDisk()
    disk.stopAt(cut)
    await data.download(remote, { directory: 'm', capabilities: on(disk) })()
    for (const state of disk.afterPowerCut()) {
      const file = state['m/a.bin']
      if (file !== undefined || cut === whole.calls.length) expect(Buffer.from(file ?? []).equals(bytes)).toBe(true)
      // Whatever else is there, the next attempt succeeds.
      const again = data.memoryWorld({ files: state, pages: { [url]: bytes } })
      const first = await data.download(remote, { directory: 'm', capabilities: again })()
      expect(right(E.isRight(first) ? first : await data.download(remote, { directory: 'm', capabilities: again })())).toEqual(bytes)
    }
  }
})
