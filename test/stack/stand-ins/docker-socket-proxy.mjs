// Stands in for the proxy of the Docker socket: GET alone passes.
import { request as ask, createServer } from 'node:http';

createServer((request, response) => {
  if (request.method !== 'GET') {
    response.writeHead(403).end();
    return;
  }
  const { url, headers } = request;
  ask({ socketPath: '/var/run/docker.sock', path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  })
    .on('error', () => response.writeHead(502).end())
    .end();
}).listen(2375);
process.on('SIGTERM', () => process.exit());
