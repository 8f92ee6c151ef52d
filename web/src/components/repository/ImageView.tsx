import { useEffect, useState } from "react";
import { bytesInWords } from "./content";
import classes from "./ImageView.module.css";

export interface ImageViewProps {
  bytes: ArrayBuffer;
  type: string;
  label: string;
}

/**
 * A picture from a repository. It is only ever the source of an `img`: in that place a browser runs nothing and fetches
 * nothing, also not what an SVG asks for.
 */
export function ImageView({ bytes, type, label }: ImageViewProps) {
  const [url, setUrl] = useState<string | null>(null);
  const [size, setSize] = useState<string | null>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setUrl(made);
    setBroken(false);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  return (
    <figure className={classes.figure}>
      {url && !broken && (
        <img
          src={url}
          alt={label}
          className={classes.image}
          onError={() => setBroken(true)}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setSize(`${naturalWidth} × ${naturalHeight}`)}
        />
      )}
      {broken && <p>This picture can’t be drawn.</p>}
      <figcaption>
        {label} · {[size, bytesInWords(bytes.byteLength)].filter(Boolean).join(", ")}
      </figcaption>
    </figure>
  );
}
