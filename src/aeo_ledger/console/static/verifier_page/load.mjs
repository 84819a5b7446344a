// Runs the page's program, which the file carries compressed. The page's policy names the program's hash: nothing else can run here.
const packed = Uint8Array.from(atob(document.getElementById("program").textContent), (byte) => byte.charCodeAt(0));
const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
const text = await new Response(unpacked).text(), script = document.createElement("script");
script.type = "module";
script.textContent = globalThis.trustedTypes?.createPolicy("program", { createScript: (given) => given }).createScript(text) ?? text;
document.head.append(script);
