// Plays the schedule it is sent with Express; `node express.cjs MODE PORT`, MODE: plain, compress or flush.
const path = require('path');
const load = (name) => require(require.resolve(name, { paths: [process.cwd()] }));
const express = load('express');
const compression = load('compression');

const [mode, port] = process.argv.slice(2);
const app = express();
if (mode !== 'plain') app.use(compression({ filter: () => true }));
app.use(express.json({ limit: '5mb' }));

function event(kind) {
  if (kind === 'ping') return ': ping\n\n';
  if (kind === 'done') return 'data: [DONE]\n\n';
  const sent = (Date.now() / 1000).toFixed(6);
  const token = `${sent} `;
  const deltas = {
    role: { role: 'assistant', content: '' },
    text: { content: token },
    reasoning: { reasoning_content: token },
    tool: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'look', arguments: token } }] },
    stop: {},
  };
  const chunk = {
    id: 'chatcmpl-lab', object: 'chat.completion.chunk', model: 'lab', x_sent: sent,
    choices: [{ index: 0, delta: deltas[kind], finish_reason: kind === 'stop' ? 'stop' : null }],
  };
  chunk.pad = 'x'.repeat(Math.max(0, 228 - JSON.stringify(chunk).length));
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

app.post('*', async (request, response) => {
  const started = performance.now();
  response.setHeader('Content-Type', 'text/event-stream');
  response.flushHeaders();
  for (const [due, kind] of request.body.schedule) {
    const wait = due * 1000 - (performance.now() - started);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    response.write(event(kind));
    if (mode === 'flush') response.flush();
  }
  response.end();
});

app.listen(Number(port), '127.0.0.1');
