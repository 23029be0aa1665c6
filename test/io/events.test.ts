import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import { io, np } from '../../src/index.js'
import { filesOn } from '../../src/data/nodeFiles.js'
import { makeDisk } from '../data/disk.js'
import { left, right } from './either.js'
import { anyEvents } from './summaries.js'

describe('records', () => {
  it('are what TensorFlow writes: length, masked checksum, bytes, masked checksum', () => {
    // What tensorboard 2.21 for Python makes of the bytes 1, 2, 3 and of none.
    const made = '0300000000000000b099490e01020339cdc086000000000000000029039807d8ea82a2'
    expect(Buffer.from(io.encodeRecords([Uint8Array.of(1, 2, 3), new Uint8Array()])).toString('hex')).toBe(made)
    expect(io.crc32c(new TextEncoder().encode('123456789')).toString(16)).toBe('e3069283')
    expect(io.crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa')
  })
  it('decode . encode = id', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (records) => {
        expect(right(io.decodeRecords(io.encodeRecords(records)))).toEqual(records)
      }),
    )
  })
  it('every changed byte is noticed, and every missing end', () => {
    const file = io.encodeRecords([Uint8Array.of(1, 2, 3), Uint8Array.of(4)])
    for (let i = 0; i < file.length; i++) {
      const damaged = file.slice()
      damaged[i]! ^= 1 << (i % 8)
      expect(left(io.decodeRecords(damaged))?.[0]).toBe('Corrupt')
      if (i !== 0 && i !== 19) expect(left(io.decodeRecords(file.subarray(0, i)))?.[0]).toBe('Corrupt')
    }
    expect(left(io.decodeRecords(file.subarray(0, 21)))).toEqual(['Corrupt', 'records: record 1: the file ends within its length'])
  })
})

describe('events', () => {
  it('decode . encode = id', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        expect(right(io.decodeEvents(io.encodeEvents(events)))).toEqual(events)
      }),
    )
  })
  it('of PyTorch are read: a scalar and a text by torch.utils.tensorboard', () => {
    const file =
      '4800000000000000fe92489d09bb9f0b77d7c2da411a0d627261696e2e4576656e743a32522e0a2c74656e736f72626f6172642e73756d6d6172792e7772697465722e6576656e745f66696c655f777269746572a52582a2' +
      '1a00000000000000129bd82d0900000040fc54d94110032a0d0a0b0a046c6f7373150000003f35f132ef' +
      '3a000000000000001295eae20900004040fc54d94110042a2d0a2b0a116e6f74652f746578745f73756d6d617279420c0807120412020801420268694a080a060a047465787410c3754f'
    expect(right(io.decodeEvents(Uint8Array.from(Buffer.from(file, 'hex'))))).toEqual([
      { wallTime: 1700000000, step: 3, summaries: [{ kind: 'scalar', tag: 'loss', value: 0.5 }] },
      { wallTime: 1700000001, step: 4, summaries: [{ kind: 'text', tag: 'note/text_summary', text: 'hi' }] },
    ])
  })
  it('of TensorFlow 2 are read: scalars as tensors, in a list or as bytes', () => {
    const records = [
      '09000000000000044010072a1f0a1d0a046c6f7373420808012a040000803e4a0b0a090a077363616c617273', // PyTorch, new_style
      '09000000000000044010072a270a250a046c6f7373420a080112002a040000803e4a110a090a077363616c61727312046c6f7373', // tensorboard
      '09000000000000044010072a120a100a046c6f73734208080122040000803e', // tensor_content
    ].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')))
    const event = { wallTime: 2.5, step: 7, summaries: [{ kind: 'scalar', tag: 'loss', value: 0.25 }] }
    expect(right(io.decodeEvents(io.encodeRecords(records)))).toEqual([event, event, event])
    const read = (hex: string): unknown => right(io.decodeEvents(io.encodeRecords([Uint8Array.from(Buffer.from(hex, 'hex'))])))
    expect(read('09000000000000044010072a110a0f0a046c6f7373420708012d0000803e')).toEqual([event]) // a list that is not packed
    const none = [{ wallTime: 0, step: 7, summaries: [] }]
    expect(read('10072a160a140a046c6f7373420c08012a080000803e0000803e')).toEqual(none) // two numbers
    expect(read('10072a180a160a046c6f7373420e08011204120208012a040000803e')).toEqual(none) // an axis of one
    expect(read('10072a290a270a03696d6742140807120412020803420131420131420489504e474a0a0a080a06696d61676573')).toEqual(none) // an image
  })
  it('of other writers: unknown summaries are left out, damage is a fault', () => {
    const record = (hex: string): Uint8Array => io.encodeRecords([Uint8Array.from(Buffer.from(hex, 'hex'))])
    // step 3; a summary 'a' with audio, one 'b' with simple_value 1
    const audio = '0a 05 0a 01 61 32 00'.replaceAll(' ', '')
    const scalar = '0a 08 0a 01 62 15 00 00 80 3f'.replaceAll(' ', '')
    expect(right(io.decodeEvents(record(`10032a11${audio}${scalar}`)))).toEqual([
      { wallTime: 0, step: 3, summaries: [{ kind: 'scalar', tag: 'b', value: 1 }] },
    ])
    for (const bad of ['ff', '0a', '10032a05ffffffffff', '2a040a020a05', '10ffffffffffffffff7f2a00'])
      expect(left(io.decodeEvents(record(bad)))).toEqual(['Corrupt', 'events: record 0 is damaged'])
  })
  it('histograms count what is finite, and moments are those of the numbers', () => {
    const made = io.histogramSummary('h', np.array([1, 2, 2, 4, NaN, Infinity]), { bins: 3 })
    expect(made.kind === 'histogram' && made.histogram).toEqual({
      min: 1,
      max: 4,
      size: 4,
      sum: 9,
      sumOfSquares: 25,
      limits: [2, 3, 4],
      counts: [1, 2, 1],
    })
    const empty = io.histogramSummary('h', np.zeros([0]))
    expect(empty.kind === 'histogram' && empty.histogram.limits).toEqual([])
    const wide = io.histogramSummary('h', np.array([-1.7e308, 1.7e308], { dtype: 'float64' }), { bins: 2 })
    expect(wide.kind === 'histogram' && wide.histogram.counts).toEqual([1, 1])
    expect(() => io.histogramSummary('h', np.zeros([1]), { bins: 0 })).toThrow(/bins must be a whole number from 1, got 0/)
    expect(() => io.scalarSummary('', 1)).toThrow(/scalarSummary: the tag is empty/)
    expect(() => io.encodeEvents([{ wallTime: 0, step: 0.5, summaries: [] }])).toThrow(/step must be an integer, got 0.5/)
  })
})

describe('eventWriter', () => {
  it('notes at once, appends when asked, in order, with the time of the call', async () => {
    const files = io.memoryFiles()
    let time = 5000
    const writer = right(await io.eventWriter({ dir: 'runs/a', files, now: () => time })())
    expect(writer.path).toBe('runs/a/events.out.tfevents.5.adjoint')
    writer.write(1, [io.scalarSummary('loss', 0.5), io.textSummary('note', 'begun')])
    time = 6500
    writer.write(2, [io.imageSummary('x', np.ones([2, 3]))])
    expect(right(io.decodeEvents(right(await files.readFile(writer.path)())))).toEqual([])
    const both = [writer.flush(), (writer.write(3, []), writer.flush())]
    await Promise.all(both)
    const events = right(io.decodeEvents(right(await files.readFile(writer.path)())))
    expect(events.map(({ step, wallTime }) => [step, wallTime])).toEqual([
      [1, 5],
      [2, 6.5],
      [3, 6.5],
    ])
    expect(events[1]!.summaries[0]).toMatchObject({ kind: 'image', width: 3, height: 2, channels: 1 })
    time = 5999
    expect(right(await io.eventWriter({ dir: 'runs/a', files, now: () => time })()).path).toBe('runs/a/events.out.tfevents.5.adjoint.1')
    expect(right(await io.eventWriter({ dir: 'runs/a', files, now: () => time })()).path).toBe('runs/a/events.out.tfevents.5.adjoint.2')
    expect(() => {
      writer.write(0.5, [])
    }).toThrow(/eventWriter: step must be an integer, got 0.5/)
  })
  it('keeps what a full disk refuses', async () => {
    const files = io.memoryFiles()
    let full = false
    const tight: io.Files = {
      ...files,
      append: (path, bytes) => (full ? TE.left(io.fault('Unwritable', 'disk full')) : files.append(path, bytes)),
    }
    const writer = right(await io.eventWriter({ dir: 'r', files: tight, now: () => 0 })())
    full = true
    writer.write(1, [])
    expect(left(await writer.flush())).toEqual(['Unwritable', 'disk full'])
    full = false
    writer.write(2, [])
    right(await writer.flush())
    expect(right(io.decodeEvents(right(await files.readFile(writer.path)()))).map((e) => e.step)).toEqual([1, 2])
    full = true
    expect(left(await io.eventWriter({ dir: 'r', files: tight })())).toEqual(['Unwritable', 'disk full'])
  })
  it('recovers from a full disk that took half of a record, and from files that reject', async () => {
    const inner = io.memoryFiles()
    let fault: 'none' | 'half' | 'reject' = 'none'
    const files: io.Files = {
      ...inner,
      append: (path, bytes) => async () => {
        if (fault === 'reject') throw new Error('gone')
        if (fault === 'none') return inner.append(path, bytes)()
        await inner.append(path, bytes.subarray(0, bytes.length >> 1))()
        return { _tag: 'Left', left: io.fault('Unwritable', 'disk full') }
      },
      writeFile: (path, bytes) => (fault === 'none' ? inner.writeFile(path, bytes) : TE.left(io.fault('Unwritable', 'disk full'))),
    }
    const writer = right(await io.eventWriter({ dir: 'r', files, now: () => 0 })())
    const steps = async (): Promise<readonly number[]> =>
      right(io.decodeEvents(right(await inner.readFile(writer.path)()))).map((e) => e.step)
    for (const [step, kind] of [
      [1, 'half'],
      [2, 'half'],
      [3, 'reject'],
    ] as const) {
      writer.write(step, [io.scalarSummary('loss', step)])
      fault = kind
      expect(left(await writer.flush())?.[0]).toBe('Unwritable')
      fault = 'none'
      if (step > 1) right(await writer.flush())
    }
    writer.write(4, [])
    right(await writer.flush())
    expect(await steps()).toEqual([1, 2, 3, 4])
  })
  it('on a disk, what does not fit is not there in part', async () => {
    const disk = makeDisk()
    const files = filesOn(() => disk.fs)
    const writer = right(await io.eventWriter({ dir: 'r', files, now: () => 0 })())
    writer.write(1, [io.scalarSummary('loss', 1)])
    disk.limit(20)
    expect(left(await writer.flush())?.[0]).toBe('Unwritable')
    expect(right(io.decodeEvents(right(await files.readFile(writer.path)())))).toEqual([])
    disk.limit(Infinity)
    right(await writer.flush())
    expect(right(io.decodeEvents(right(await files.readFile(writer.path)()))).map((e) => e.step)).toEqual([1])
  })
  it('several that begin at once have files of their own', async () => {
    const files = io.memoryFiles()
    const all = await Promise.all([1, 2, 3].map(() => io.eventWriter({ dir: 'r', files, now: () => 0 })()))
    expect(new Set(all.map((w) => right(w).path)).size).toBe(3)
    for (const path of all.map((w) => right(w).path)) expect(right(io.decodeEvents(right(await files.readFile(path)())))).toEqual([])
  })
  it('writes to a disk', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'events-'))
    try {
      const writer = right(await io.eventWriter({ dir: join(dir, 'run') })())
      writer.write(7, [io.scalarSummary('loss', 0.25)])
      right(await writer.flush())
      const [event] = right(io.decodeEvents(new Uint8Array(readFileSync(writer.path))))
      expect(event).toMatchObject({ step: 7, summaries: [{ tag: 'loss', value: 0.25 }] })
      expect(event!.wallTime).toBeGreaterThan(1.7e9)
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})
