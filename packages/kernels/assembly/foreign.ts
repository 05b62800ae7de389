/** Tasks that a library outside of wasm does, on the thread that claims them. */

/** The host's side of a task: `pointer` is where its arguments lie. */
// @ts-ignore: decorators are AssemblyScript's
@external('env', 'foreign')
export declare function foreign(task: i32, pointer: usize): void;
