/** Files that are not what their name says: what a server or a version control system has put in the place of the file. */
import { textDecoder } from '../core/text.js'
import type { DataFault } from './fault.js'
import { fault } from './fault.js'

/** What bytes are, in words, and what to do about it. */
interface Disguise {
  readonly what: string
  readonly fix: string
}

/** No more than this is looked at. */
const head = 1024

const startsWith = (bytes: Uint8Array, first: readonly number[]): boolean => first.every((byte, i) => bytes[i] === byte)

const quoted = (found: RegExpExecArray | null): string => {
  const text = found?.[1]?.replace(/\s+/g, ' ').trim().slice(0, 60)
  return text === undefined || text === '' ? '' : ` (${text})`
}

const ofText = (text: string): Disguise | null => {
  const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\/[\s\S]*?(?:\nsize (\d+))?\s*$/.exec(text)
  if (pointer !== null)
    return {
      what: `a git-LFS pointer${pointer[1] === undefined ? '' : ` to a file of ${pointer[1]} bytes`}`,
      fix: 'git lfs pull, in the repository that it comes from; or the address of the file itself',
    }
  if (/^<(!doctype html|html|head|body)\b/i.test(text) || /^<(!--|\?xml)[\s\S]*<html\b/i.test(text))
    return {
      what: `a web page${quoted(/<title[^>]*>([^<]*)/i.exec(text))}`,
      fix: 'the address of the file itself: that of a page about it, or of a login, gives a page',
    }
  if (/^<(\?xml|error)\b/i.test(text))
    return {
      what: `an answer in XML${quoted(/<(?:message|code)>([^<]*)/i.exec(text))}`,
      fix: 'the address of the file itself, and the right to read it',
    }
  return null
}

const archives: readonly (readonly [readonly number[], Disguise])[] = [
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], { what: 'an npy file, of one array', fix: 'loadNpy' }],
  [
    [0x50, 0x4b, 3, 4],
    { what: 'a zip archive', fix: 'loadNpz, if it is an npz file; weights of torch.save are to be saved as safetensors' },
  ],
  [[0x1f, 0x8b], { what: 'a gzip file', fix: 'gunzip' }],
  [[0x89, 0x48, 0x44, 0x46], { what: 'an HDF5 file', fix: 'its arrays saved with numpy.savez or as safetensors' }],
  [[0x80, 2], { what: 'a Python pickle, which is never run', fix: 'its arrays saved with numpy.savez or as safetensors' }],
  [[0x80, 4], { what: 'a Python pickle, which is never run', fix: 'its arrays saved with numpy.savez or as safetensors' }],
]

/** What the file with these bytes is, when it is one of those that take the place of others. */
const disguiseOf = (bytes: Uint8Array): Disguise | null => {
  if (bytes.length === 0) return { what: 'an empty file', fix: 'fetch or write the file again' }
  const text = textDecoder('latin1')
    .decode(bytes.subarray(0, head))
    .replace(/^(\u00ef\u00bb\u00bf)?\s*/, '')
  return ofText(text) ?? archives.find(([first]) => startsWith(bytes, first))?.[1] ?? null
}

/** A fault of damage, which says what the bytes are when they are another file altogether. */
export const unmasked =
  (bytes: Uint8Array) =>
  (f: DataFault): DataFault => {
    const found = f._tag === 'Corrupt' ? disguiseOf(bytes) : null
    return found === null ? f : fault(f._tag, `${f.message.split('\n')[0]!}: it is ${found.what}`, found.fix)
  }
