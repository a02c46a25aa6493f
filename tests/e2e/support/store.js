// What browsers keep.

/** A browser that keeps bytes but no files, as Safari does in private windows. */
export function withoutFiles(page) {
  return page.addInitScript(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (value, ...key) {
      if ([value, value.file, value.files?.[0]].some((it) => it instanceof Blob)) {
        throw new DOMException("Error preparing Blob/File data", "UnknownError");
      }
      return put.call(this, value, ...key);
    };
  });
}
