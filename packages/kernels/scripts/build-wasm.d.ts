/** File name → compiler options. */
export declare const variants: Record<string, string[]>;
/** The bytes of one variant; throws with the compiler's messages. */
export declare function compileVariant(name: string): Promise<Uint8Array>;
//# sourceMappingURL=build-wasm.d.ts.map
