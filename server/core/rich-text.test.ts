import { expect } from 'chai'
import fc from 'fast-check'
import {
  cleanHtml,
  cleanIllustratedHtml,
  cleanTranslatedHtml,
  filesInHtml,
  isBlankHtml,
  textOfHtml,
} from './rich-text.ts'

describe('rich text', () => {
  const cases: [string, string, string][] = [
    [
      'keeps the vocabulary of the editor',
      '<h3>A</h3><p><strong>b</strong> <em>c</em></p>',
      '<h3>A</h3><p><strong>b</strong> <em>c</em></p>',
    ],
    ['drops scripts with what is in them', '<p>a</p><script>alert(1)</script>', '<p>a</p>'],
    ['drops handlers and styles', '<p onclick="x()" style="color:red" class="y">a</p>', '<p>a</p>'],
    ['makes a link that runs a script a mere word', '<p><a href="javascript:alert(1)">a</a></p>', '<p><u>a</u></p>'],
    ['does not follow addresses without a scheme', '<p><a href="//evil.example/">a</a></p>', '<p><u>a</u></p>'],
    [
      'opens links without a handle on this page',
      '<p><a href="https://a.example/" target="_blank">a</a></p>',
      '<p><a href="https://a.example/" rel="noopener noreferrer">a</a></p>',
    ],
    ['takes pictures from our files', '<p><img src="/files/12" alt="x"></p>', '<p><img src="/files/12" alt="x" /></p>'],
    ['takes pictures from nowhere else', '<p>a<img src="https://spy.example/1.png"></p>', '<p>a</p>'],
    ['lowers headings under those of the page', '<h1>A</h1><h6>B</h6>', '<h3>A</h3><h4>B</h4>'],
    ['makes paragraphs of plain text', 'Раз\n\nДва\nтри', '<p>Раз</p><p>Два<br />три</p>'],
    ['takes signs of plain text literally', 'если 2 < 3 & 5 > 4', '<p>если 2 &lt; 3 &amp; 5 &gt; 4</p>'],
    [
      'shows typed markup that is not ours as text',
      '<script>alert(1)</script>',
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    ],
    [
      'gives words outside of paragraphs a paragraph',
      'Начало <strong>важно</strong><p>Дальше</p>',
      '<p>Начало <strong>важно</strong></p><p>Дальше</p>',
    ],
    [
      'takes off the paragraphs that the editor puts into items and cells',
      '<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul><table><tr><td><p>c</p></td><td><p>d</p><p>e</p></td></tr></table>',
      '<ul><li>a<ul><li>b</li></ul></li></ul><table><tr><td>c</td><td><p>d</p><p>e</p></td></tr></table>',
    ],
    ['knows an empty document of the editor', '<p></p><p> <br></p>', ''],
  ]
  for (const [name, input, expected] of cases) it(name, () => expect(cleanHtml(input)).to.equal(expected))

  it('leaves nothing that runs and no tag without its end, however broken the input', () => {
    const piece = fc.constantFrom(
      '<p>',
      '</p>',
      '<a href="',
      'javascript:',
      '">',
      '<img src=x onerror=alert(1)>',
      '<svg onload=',
      '<script>',
      '</script>',
      'a',
      ' ',
      '"',
      "'",
      '<',
      '>',
      '&lt;',
      '<table><tr><td>',
      '<li>',
      '<!--',
      '-->',
      '<style>',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
        (text) => {
          const once = cleanHtml(text)
          for (const tag of ['p', 'a', 'u', 'table', 'tr', 'td', 'li']) {
            const ends = once.split(`</${tag}>`).length
            expect(once.match(new RegExp(`<${tag}[ >]`, 'g'))?.length ?? 0, tag).to.equal(ends - 1)
          }
          expect(once).to.not.match(/<(script|style|svg|iframe|object)|<[^>]*\son\w+\s*=|<a[^>]*href="\s*javascript/i)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('tells words, emptiness and pictures of a text', () => {
    expect(textOfHtml('<h3>Цель</h3><ul><li>раз</li><li>два &amp; три</li></ul>')).to.equal('Цель раз два & три')
    expect(isBlankHtml('<p>&nbsp;</p>')).to.equal(true)
    expect(isBlankHtml('<p><img src="/files/1" alt="" /></p>')).to.equal(false)
    expect(
      cleanTranslatedHtml({ ru: '<p>a<img src="/files/1"></p>', en: '<p><img src="/files/1"></p>' }),
    ).to.deep.equal({
      ru: '<p>a</p>',
    })
    expect(cleanIllustratedHtml({ ru: '<p><img src="/files/1"></p>' })).to.deep.equal({
      ru: '<p><img src="/files/1" /></p>',
    })
    expect(filesInHtml('<p><img src="/files/7" alt="" /><img src="/files/7" /></p>')).to.deep.equal([7])
  })
})
