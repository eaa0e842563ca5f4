"""In the child: a Minari dataset's HDF5 file, looked at before any of its numbers are read. What it claims to hold must
lie in the file itself and in no more memory than its bytes can fill."""

from math import prod

from crosstalk.data.errors import DataError, commas, counted, cut, quoted, shape_text
from crosstalk.trajectories.minari_names import DAMAGED

PARTS = ("observations", "actions", "rewards", "terminations", "truncations")
DEEPEST, MOST_INFOS = 8, 10_000  # of the groups below infos, and of what stands in them
MOST_DEFLATED = 1100  # bytes that one compressed byte can stand for (zlib: 1,032)


class Layout:
    """Checks a file's episodes. `infos`: the names found among their infos."""

    def __init__(self, file, observations, is_jpeg):
        self.file, self.observations, self.is_jpeg = file, observations, is_jpeg
        self.infos, self.steps = set(), 0

    def refuse(self, place, wrong):
        raise DataError(f"{self.file}: {cut(place, 80)} {wrong}. {DAMAGED}")

    def check(self, opened, episodes):
        if len(opened) != episodes:
            raise DataError(
                f"{self.file} holds {counted(len(opened), 'episode')} where its metadata.json counts "
                f"{commas(episodes)}. {DAMAGED}"
            )
        for number in range(episodes):
            self.check_episode(self.member(opened, f"episode_{number}", ""), f"episode_{number}")

    def member(self, group, name, place):
        """A member of a group, which may only be what stands in the group itself."""
        import h5py

        where = f"{place}/{name}" if place else name
        link = group.get(name, getlink=True)
        if link is None:
            self.refuse(where, "is not there")
        if not isinstance(link, h5py.HardLink):
            kind = "another file" if isinstance(link, h5py.ExternalLink) else "another place"
            self.refuse(where, f"is a link to {kind}, which is not followed")
        return group[name]

    def check_episode(self, group, place):
        import h5py

        if not isinstance(group, h5py.Group):
            self.refuse(place, "is no group")
        found = {}
        for name in PARTS:
            found[name] = self.member(group, name, place)
            self.check_array(found[name], f"{place}/{name}")
        steps = found["actions"].shape[0] if found["actions"].ndim else 0
        for name in PARTS[1:]:
            self.check_shape(found[name], (steps,), f"{place}/{name}")
        self.check_observations(found["observations"], steps + 1, f"{place}/observations")
        self.check_types(found, place)
        if "infos" in group:
            infos = self.member(group, "infos", place)
            if not isinstance(infos, h5py.Group):
                self.refuse(f"{place}/infos", "is no group")
            self.infos.update(list(infos)[:100])
            self.check_infos(infos, f"{place}/infos", 0, [MOST_INFOS])
        self.steps += steps

    def check_array(self, array, place):
        import h5py

        if not isinstance(array, h5py.Dataset) or array.shape is None:
            self.refuse(place, "is no array")
        if array.external or array.is_virtual:
            self.refuse(place, "lies in another file, which is not read")
        claimed, stored = prod(array.shape) * array.dtype.itemsize, array.id.get_storage_size()
        if array.id.get_create_plist().get_nfilters():
            stored *= MOST_DEFLATED
        if claimed > stored:
            self.refuse(
                place,
                f"claims to be {shape_text(array.shape)} numbers, {commas(claimed)} bytes, where the file has "
                f"{commas(array.id.get_storage_size())} for them",
            )

    def check_shape(self, array, shape, place):
        if array.shape != shape:
            self.refuse(place, f"has the shape ({shape_text(array.shape)}) where ({shape_text(shape)}) is expected")

    def check_observations(self, array, rows, place):
        if not self.is_jpeg:
            return self.check_shape(array, (rows, *self.observations.form.shape), place)
        if not 1 <= array.ndim <= 2 or array.shape[0] != rows:
            self.refuse(
                place, f"has the shape ({shape_text(array.shape)}) where {commas(rows)} JPEG images are expected"
            )

    def check_types(self, found, place):
        import h5py

        kinds = {"actions": "iu", "rewards": "fiu", "terminations": "biu", "truncations": "biu"}
        kinds["observations"] = "u" if self.is_jpeg else self.observations.type.kind
        for name, kind in kinds.items():
            type = found[name].dtype
            if name == "observations" and self.is_jpeg:
                type = h5py.check_vlen_dtype(type) or type
            if type.kind not in kind or (name == "rewards" and type.itemsize > 8):
                self.refuse(f"{place}/{name}", f"is of the type {quoted(type)}, where other numbers are expected")

    def check_infos(self, group, place, depth, left):
        import h5py

        for name in group:
            left[0] -= 1
            if depth == DEEPEST or left[0] < 0:
                self.refuse(place, f"holds more than {MOST_INFOS:,} infos, or groups in groups without end")
            member = self.member(group, name, place)
            if isinstance(member, h5py.Group):
                self.check_infos(member, f"{place}/{name}", depth + 1, left)
            else:
                self.check_array(member, f"{place}/{name}")
