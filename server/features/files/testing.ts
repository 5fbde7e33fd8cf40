import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { db } from '../../core/db/index.ts'
import type { TestApp } from '../../testing/app.ts'
import { makeCohort, makeEnrolment, makeModule, makeProgramme, makeTopic, makeUser } from '../../testing/builders.ts'
import type { Answer, TestClient } from '../../testing/client.ts'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const TYPES = `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`
const RELATIONS = `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`

const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`

/** A Word document of a few paragraphs, with more parts where a test wants them. */
export async function docx(paragraphs: readonly string[], parts: Record<string, Buffer> = {}): Promise<Buffer> {
  const body = paragraphs.map((text) => `<w:p>${run(text)}</w:p>`).join('')
  const document = `${XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(TYPES), '[Content_Types].xml')
  zip.addBuffer(Buffer.from(RELATIONS), '_rels/.rels')
  zip.addBuffer(Buffer.from(document), 'word/document.xml')
  for (const [name, content] of Object.entries(parts)) zip.addBuffer(content, name)
  zip.end()
  return buffer(zip.outputStream)
}

/** A PDF of one page with a word on it. */
export function pdf(word: string): Buffer {
  const text = `BT /F1 24 Tf 40 100 Td (${word}) Tj ET`
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${text.length}>>stream\n${text}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]
  let file = '%PDF-1.4\n'
  const places = objects.map((object, at) => {
    const place = file.length
    file += `${at + 1} 0 obj${object}endobj\n`
    return place
  })
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('')
  const start = file.length
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer<</Root 1 0 R/Size ${objects.length + 1}>>\nstartxref\n${start}\n%%EOF`
  return Buffer.from(file, 'latin1')
}

/** A sound file of silence. */
export function wav(bytes: number): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + bytes, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8000, 24)
  head.writeUInt32LE(8000, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(bytes, 40)
  const sound = Buffer.alloc(bytes, 128)
  for (let at = 0; at < bytes; at++) sound[at] = at % 251
  return Buffer.concat([head, sound])
}

export type FileStage = {
  instructor: TestClient
  learner: TestClient
  stranger: TestClient
  administrator: TestClient
  topic: number
  /** Sends a file as a material of the topic. */
  send: (name: string, content: Uint8Array, client?: TestClient) => Promise<Answer>
  /** The same, for a file that is taken. */
  keep: (name: string, content: Uint8Array) => Promise<{ id: number; url: string; material: string }>
}

/** People around one topic: who may add materials, who reads them, who has nothing to do with them. */
export async function makeFileStage(app: TestApp): Promise<FileStage> {
  const programme = await makeProgramme()
  const module = await makeModule({ programme_id: programme })
  const topic = await makeTopic({ module_id: module })
  await makeUser('instructor', 'instructor', { type: 'module', id: module })
  await makeUser('administrator', 'administrator')
  await makeEnrolment(await makeUser('learner'), await makeCohort({ programme_id: programme }))
  await makeEnrolment(await makeUser('stranger'), await makeCohort())
  const [instructor, learner, stranger, administrator] = (await Promise.all(
    ['instructor', 'learner', 'stranger', 'administrator'].map((login) => app.signedIn(login)),
  )) as [TestClient, TestClient, TestClient, TestClient]
  const send: FileStage['send'] = (name, content, client = instructor) =>
    client.upload(`/topics/${topic}/materials`, {
      kind: 'file',
      title: { ru: name },
      file: new File([new Uint8Array(content)], name),
    })
  const keep: FileStage['keep'] = async (name, content) => {
    const answer = await send(name, content)
    if (answer.status !== 303) throw new Error(`${name} was refused: ${answer.text.match(/field-error.*?<\/p>/s)?.[0]}`)
    const { file_id: id } = await db()('materials')
      .where({ id: Number(answer.location.split('/').pop()) })
      .first('file_id')
    return { id, url: `/files/${id}`, material: answer.location }
  }
  return { instructor, learner, stranger, administrator, topic, send, keep }
}
