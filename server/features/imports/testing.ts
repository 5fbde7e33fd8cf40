import { expect } from 'chai'
import iconv from 'iconv-lite'
import type { TestApp } from '../../testing/app.ts'
import type { Answer, TestClient } from '../../testing/client.ts'

/** Lines of cells as the bytes of a CSV file of a Russian spreadsheet. */
export const csvBytes = (lines: readonly (readonly string[])[], encoding = 'win1251'): Buffer =>
  iconv.encode(lines.map((cells) => cells.join(';')).join('\r\n'), encoding)

/** The same as a file to upload. */
export const csvFile = (lines: readonly (readonly string[])[], name = 'список.csv', encoding = 'win1251'): File =>
  new File([csvBytes(lines, encoding)], name)

/** A file of bytes. */
export const bytesFile = (bytes: Uint8Array | string, name: string): File => new File([bytes], name)

/** The form fields of a page: hidden ones, chosen options, ticked boxes. */
export function formFields(html: string, action: string): Record<string, string> {
  const forms = [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form)
  const form = forms.find((each) => each.includes(`action="${action}"`) && each.includes('method="post"'))
  if (!form) throw new Error(`No form to ${action}`)
  const fields: Record<string, string> = {}
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]
    const name = attribute('name')
    const isBox = /type="(?:checkbox|radio)"/.test(tag)
    if (name && name !== '_csrf' && (!isBox || /\bchecked\b/.test(tag)))
      fields[name] = unescapeHtml(attribute('value') ?? '')
  }
  for (const [, name, body] of form.matchAll(/<select\b[^>]*\bname="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g)) {
    const chosen = /<option value="([^"]*)" selected/.exec(body!) ?? /<option value="([^"]*)"/.exec(body!)
    fields[name!] = unescapeHtml(chosen?.[1] ?? '')
  }
  return fields
}

const unescapeHtml = (text: string) =>
  text
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

export type Walk = {
  id: number
  upload: (file: File) => Promise<Answer>
  /** The page of columns with these changes, sent; then waits for the check. */
  choose: (changes?: Record<string, string>) => Promise<Answer>
  check: () => Promise<Answer>
  commit: () => Promise<Answer>
  /** All steps with what the system suggests. */
  all: (file: File, changes?: Record<string, string>) => Promise<Answer>
}

/** Walks through the steps of an import as somebody without JavaScript does. */
export function walkThrough(app: TestApp, client: TestClient): Walk {
  const walk: Walk = {
    id: 0,
    async upload(file) {
      const answer = await client.upload('/imports', { file })
      const id = /\/imports\/(\d+)\/columns/.exec(answer.location)?.[1]
      if (id) walk.id = Number(id)
      return answer
    },
    async choose(changes = {}) {
      const path = `/imports/${walk.id}/columns`
      const page = await client.get(path)
      expect(page.status, page.text.slice(0, 500)).to.equal(200)
      const answer = await client.post(path, { ...formFields(page.text, path), ...changes })
      await app.settle()
      return answer
    },
    check: () => client.get(`/imports/${walk.id}/check`),
    async commit() {
      const page = await walk.check()
      const path = `/imports/${walk.id}/commit`
      const answer = await client.post(path, formFields(page.text, path))
      await app.settle()
      return answer
    },
    async all(file, changes) {
      expect((await walk.upload(file)).status).to.equal(303)
      expect((await walk.choose(changes)).status).to.equal(303)
      expect((await walk.commit()).status).to.equal(303)
      return client.get(`/imports/${walk.id}/done`)
    },
  }
  return walk
}
