// Reads PDF files beside the page, in a thread of its own.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs'
