import { expect } from 'chai'
import { cleanFileName, contentDisposition, extensionOf } from './names.ts'

describe('names of files', () => {
  const cases: [string, string, string][] = [
    ['stays what it is', 'План урока «Ёлка» № 2.docx', 'План урока «Ёлка» № 2.docx'],
    ['loses its folders', '../../etc/passwd.txt', 'passwd.txt'],
    ['loses folders of Windows', 'C:\\Users\\Анна\\отчёт.pdf', 'отчёт.pdf'],
    ['loses marks that turn the direction', 'invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['loses unseen signs and line breaks', 'a\u0000b\r\nSet-Cookie: x\u200B.txt', 'abSet-Cookie_ x.txt'],
    ['loses what some system forbids', 'a<b>:"|?*.txt', 'a_b______.txt'],
    ['is no device', 'con.txt', '_con.txt'],
    ['ends with no dot', ' . отчёт.pdf. ', 'отчёт.pdf'],
    ['is joined of its parts', 'и\u0306.txt', 'й.txt'],
    ['has no halves of signs', 'a\ud800b.txt', 'ab.txt'],
    ['is something', '\u200b/', 'file'],
  ]
  for (const [what, sent, kept] of cases) it(what, () => expect(cleanFileName(sent)).to.equal(kept))

  it('are short enough for every disk, with their ending', () => {
    const name = cleanFileName(`${'я'.repeat(500)}.docx`)
    expect(Buffer.byteLength(name)).to.be.below(256)
    expect(extensionOf(name)).to.equal('docx')
    expect([...cleanFileName('😀'.repeat(500))]).to.have.length(110)
  })

  it('go into a header in letters of all browsers, and break none', () => {
    expect(contentDisposition('attachment', 'Отчёт (1)\'s "a"\r\n.pdf')).to.equal(
      "attachment; filename=\"_____ (1)'s _a___.pdf\"; filename*=UTF-8''%D0%9E%D1%82%D1%87%D1%91%D1%82%20%281%29%27s%20%22a%22%0D%0A.pdf",
    )
  })
})
