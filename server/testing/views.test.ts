import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../core/paths.ts'
import { sources } from './sources.ts'

const views = sources('views', '.ejs')
const scripts = sources('public/js', '.js')
const styles = sources('public/css', '.css')
const server = sources('server', '.ts')

/** Every place in these files that fits a pattern, as `file: text`. */
const places = (
  files: { file: string; text: string }[],
  pattern: RegExp,
  allowed: (found: string) => boolean = () => false,
) =>
  files.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].filter(([found]) => !allowed(found)).map(([found]) => `${file}: ${found}`),
  )

/** What is printed raw: parts, the body of a layout, and fields whose name says that they were sanitised on the way in. */
const isSafeRaw = (found: string) =>
  /^<%-\s*(include\(|body\s*%>)/.test(found) || /^<%-[^%]*\b\w*(Html|html)\b/.test(found)

describe('templates', () => {
  it('print content escaped', () => {
    expect(places(views, /<%-[\s\S]*?%>/g, isSafeRaw)).to.deep.equal([])
  })

  it('hold no inline styles, scripts or handlers, which the content security policy forbids', () => {
    expect(places(views, /<[^<>%]*\sstyle=/g), 'styles').to.deep.equal([])
    expect(places(views, /<[a-z][^<>%]*\son[a-z]+="/g), 'handlers').to.deep.equal([])
    expect(places(views, /<script(?![^>]*\ssrc=)[^>]*>|<style/g), 'scripts').to.deep.equal([])
  })

  it('carry the form token in every form that is sent by POST', () => {
    const bare = views.flatMap(({ file, text }) =>
      [...text.matchAll(/<form\b[^>]*method="post"[\s\S]*?<\/form>/g)]
        .filter(([form]) => !/csrf/.test(form))
        .map(([form]) => `${file}: ${form.slice(0, 80)}`),
    )
    expect(bare).to.deep.equal([])
  })

  it('send what is edited once, however impatient the hand', () => {
    const guarded = views.flatMap(({ file, text }) =>
      [...text.matchAll(/<form[^\n]*unsaved-guard[^\n]*>/g)].map(([form]) => ({ file, form })),
    )
    expect(guarded).to.have.length.above(10)
    expect(guarded.filter(({ form }) => !form.includes('submit-once'))).to.deep.equal([])
  })

  it('include only parts that exist', () => {
    const missing = views.flatMap(({ file, text }) =>
      [...text.matchAll(/include\('([^']+)'/g)]
        .filter(([, part]) => !existsSync(join(packageRoot, file, '..', `${part}.ejs`)))
        .map(([, part]) => `${file}: ${part}`),
    )
    expect(missing).to.deep.equal([])
  })

  it('attach only scripts that exist', () => {
    const missing = [...views, ...server].flatMap(({ file, text }) =>
      [...text.matchAll(/(?:data-component="|component: ')([a-z0-9 -]+)["']/g)]
        .flatMap(([, names]) => (names as string).split(' '))
        .filter((name) => name && !existsSync(join(packageRoot, 'public/js/components', `${name}.js`)))
        .map((name) => `${file}: ${name}`),
    )
    expect(missing).to.deep.equal([])
  })

  it('show only icons of the sprite', () => {
    const sprite = readFileSync(join(packageRoot, 'public/img/icons.svg'), 'utf8')
    const known = new Set([...sprite.matchAll(/<symbol id="([^"]+)"/g)].map(([, name]) => name))
    const naming =
      /(?:\bicon: |shared\/icon', \{ name: |include\('icon', \{ name: |\bsetIcon\([^,]+, |\bicon\()'([a-z0-9-]+)'/g
    const unknown = [...views, ...server, ...scripts].flatMap(({ file, text }) =>
      [...text.matchAll(naming)].filter(([, name]) => !known.has(name)).map(([, name]) => `${file}: ${name}`),
    )
    expect(unknown).to.deep.equal([])
  })
})

describe('styles', () => {
  it('take colours from variables that exist, so that dark and low-vision versions work', () => {
    const defined = new Set(
      [...styles, ...views].flatMap(({ text }) => [...text.matchAll(/(--[a-z][\w-]*)\s*:/g)].map(([, name]) => name)),
    )
    const unknown = styles.flatMap(({ file, text }) =>
      [...text.matchAll(/var\((--[a-z][\w-]*)\)/g)]
        .filter(([, name]) => !defined.has(name) && !name?.startsWith('--tblr-'))
        .map(([, name]) => `${file}: ${name}`),
    )
    expect(unknown).to.deep.equal([])
  })

  it('name each theme colour in the dark theme and in its copy for "as in the system"', () => {
    const tokens = readFileSync(join(packageRoot, 'public/css/tokens.css'), 'utf8')
    const block = (selector: string) => {
      const body = tokens.slice(tokens.indexOf(selector)).match(/\{([^}]*)\}/)?.[1] ?? ''
      return body
        .split(';')
        .map((line) => line.trim())
        .filter(Boolean)
    }
    expect(block('\n[data-bs-theme="dark"]')).to.deep.equal(block('  [data-bs-theme="auto"]')).and.not.empty
  })

  it('load nothing from elsewhere', () => {
    expect(
      places(
        [...styles, ...scripts, ...views],
        /(?:url\(|@import|src=|href=|import\(?\s*)["'(]*(?:https?:)?\/\/[^"')\s]+/g,
      ),
    ).to.deep.equal([])
  })
})
