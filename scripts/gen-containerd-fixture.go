//go:build ignore

// Writes a metadata database as containerd has it (docs: containerd/metadata/buckets.go), for the tests of the reader.
// go mod init x; go get go.etcd.io/bbolt@v1.4.3; go run gen-containerd-fixture.go FILE; gzip -9n FILE
package main

import (
	"encoding/binary"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func image(tx *bolt.Tx, namespace, name, digest, mediaType string, size int64) {
	v1, err := tx.CreateBucketIfNotExists([]byte("v1"))
	check(err)
	ns, err := v1.CreateBucketIfNotExists([]byte(namespace))
	check(err)
	images, err := ns.CreateBucketIfNotExists([]byte("images"))
	check(err)
	one, err := images.CreateBucketIfNotExists([]byte(name))
	check(err)
	target, err := one.CreateBucketIfNotExists([]byte("target"))
	check(err)
	number := make([]byte, binary.MaxVarintLen64)
	check(target.Put([]byte("digest"), []byte(digest)))
	check(target.Put([]byte("mediatype"), []byte(mediaType)))
	check(target.Put([]byte("size"), number[:binary.PutVarint(number, size)]))
	check(one.Put([]byte("createdat"), []byte("2026-11-30T00:00:00Z")))
	labels, err := one.CreateBucketIfNotExists([]byte("labels"))
	check(err)
	check(labels.Put([]byte("io.cri-containerd.image"), []byte("managed")))
}

func main() {
	check(os.RemoveAll(os.Args[1]))
	db, err := bolt.Open(os.Args[1], 0o600, nil)
	check(err)
	const manifest = "application/vnd.oci.image.manifest.v1+json"
	digest := func(n int) string { return fmt.Sprintf("sha256:%064x", n) }
	check(db.Update(func(tx *bolt.Tx) error {
		image(tx, "default", "registry.test/app:1", digest(1), manifest, 500)
		image(tx, "k8s.io", "registry.test/app:1", digest(1), manifest, 500)
		image(tx, "k8s.io", "registry.test/other:1", digest(2), manifest, 500)
		image(tx, "moby", "registry.test/other:1", digest(3), manifest, 500)
		return nil
	}))
	// Enough for branch pages, in the keys and in the values.
	check(db.Update(func(tx *bolt.Tx) error {
		for n := 0; n < 90; n++ {
			image(tx, "k8s.io", fmt.Sprintf("registry.test/many/image-%04d:latest", n), digest(1000+n), manifest, int64(n))
		}
		return nil
	}))
	check(db.Update(func(tx *bolt.Tx) error {
		images := tx.Bucket([]byte("v1")).Bucket([]byte("k8s.io")).Bucket([]byte("images"))
		return images.DeleteBucket([]byte("registry.test/many/image-0007:latest"))
	}))
	check(db.Close())
}
