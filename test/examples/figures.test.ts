import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Figure } from '../../examples/figures/figure.js'
import { draw } from '../../examples/figures/figure.js'
import { lossFigures } from '../../examples/figures/losses.js'
import { optimizerFigures } from '../../examples/figures/optimizers.js'
import { losses, np, optim, tree } from '../../src/index.js'

const page = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8')
const pages = (folder: string): readonly string[] =>
  readdirSync(new URL(`../../docs/${folder}`, import.meta.url))
    .filter((f) => f.endsWith('.md'))
    .map((f) => f.slice(0, -3))

/** A picture as text around numbers: numbers may differ by the last bit of a logarithm, which may move them by a hundredth. */
const apart = (svg: string): readonly [string, readonly number[]] => [
  svg.replace(/-?\d+(\.\d+)?/g, '#'),
  [...svg.matchAll(/-?\d+(\.\d+)?/g)].map(([n]) => Number(n)),
]

const folders: Readonly<Record<string, Readonly<Record<string, Figure>>>> = { optimizers: optimizerFigures, losses: lossFigures }

describe.each(Object.entries(folders))('pages of %s', (folder, figures) => {
  it('have a figure each, and every figure has a page', () => {
    expect([...pages(folder)].sort()).toEqual(Object.keys(figures).sort())
  })
  it.each(Object.entries(figures))('%s shows its figure, which is what the code draws', (name, figure) => {
    expect(page(`${folder}/${name}.md`)).toContain(`](${name}.svg)`)
    const committed = page(`${folder}/${name}.svg`)
    expect(committed.length).toBeLessThan(10_000)
    const [text, numbers] = apart(committed)
    const [drawnText, drawnNumbers] = apart(`${draw(figure)}\n`)
    expect(drawnText).toBe(text)
    expect(Math.max(...drawnNumbers.map((n, k) => Math.abs(n - numbers[k]!)))).toBeLessThan(0.05)
  })
  it.each(Object.keys(figures))('%s says its formula, its options, and where it comes from, and runs', (name) => {
    const text = page(`${folder}/${name}.md`)
    expect(text).toMatch(new RegExp(`^# ${name}\n`))
    expect(text).toMatch(/```ts\n/)
    expect(text).toMatch(/^\$\$$/m)
    expect(text).toMatch(/^\| (option|argument) /m)
    expect(text).toMatch(/^\*\*Paper\*\*: /m)
    expect(text.length).toBeLessThan(4500)
  })
  it('are linked from the overview, and no other export goes unmentioned', () => {
    const index = page(`${folder}.md`)
    for (const name of Object.keys(figures)) expect(index).toContain(`(${folder}/${name}.md)`)
    const exports = Object.keys(folder === 'losses' ? losses : optim).filter((name) => !(name in figures))
    expect(exports.filter((name) => !new RegExp(`\`${name}[\`(]`).test(index))).toEqual([])
  })
})

/** Whether `make(rate)` is an optimizer by what it does: with a gradient of 1 it goes down. A learning rate alone is only a part of one. */
const goesDown = (make: (rate: number) => unknown): boolean => {
  try {
    const { init, update } = make(0.125) as optim.GradientTransformation
    const params = { p: np.array(1) }
    const [updates] = update({ p: np.array(1) }, init(params), params)
    return tree.leaves(updates).every((u) => Number(u) < 0)
  } catch {
    return false
  }
}

describe('what needs a page', () => {
  it('is every optimizer among the exports, told by what it does', () => {
    const all = Object.entries(optim).filter((e): e is [string, (rate: number) => unknown] => typeof e[1] === 'function')
    const found = all.filter(([name, f]) => name !== 'scaleByLearningRate' && goesDown(f)).map(([name]) => name)
    expect(found.length).toBeGreaterThan(15)
    expect([...found, 'lbfgs'].sort()).toEqual(pages('optimizers').slice().sort())
  })
  it('is every loss among the exports', () => {
    const others = ['accuracy', 'smoothLabels', 'meanSquaredErrorPerRow']
    expect(Object.keys(losses).filter((name) => !others.includes(name)).sort()).toEqual(pages('losses').slice().sort())
  })
  it('is linked where it is', () => {
    for (const folder of ['.', 'guide', 'optimizers', 'losses'])
      for (const name of pages(folder))
        for (const [, target] of page(`${folder}/${name}.md`).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g))
          expect(existsSync(new URL(`../../docs/${folder}/${target!}`, import.meta.url)), `${folder}/${name}.md: ${target!}`).toBe(true)
  })
})
