//go:build pinned

// Package limactl pins the version of limactl that Countersign builds where no packaged one is found: go.mod
// names it, go.sum has the digests of everything that goes in. Nothing imports it.
package limactl

import _ "github.com/lima-vm/lima/v2/cmd/limactl"
