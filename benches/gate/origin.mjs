// An application that does nothing, in a process of its own.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  request.resume();
  response.end('ok');
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
