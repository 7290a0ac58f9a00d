"""Who is in a photo, before anything is known of their parts: what the small detectors say together."""

from mien.parsing.lite.bodies import distinct
from mien.parsing.lite.candidates import find_candidates
from mien.parsing.lite.seeds import Seeds, find_faces, make_seeds
from mien.parsing.lite.verification import accepted, person_probabilities
from mien.vision.face_boxes import FaceDetector
from mien.vision.face_mesh import FaceMesher
from mien.vision.geometry import Picture
from mien.vision.persons import PersonDetector

NETWORKS = ("persons", "face_boxes", "face_mesh")
"""Those that the finder loads."""


class PersonFinder:
    """Finds the people of a photo: a box, a score and perhaps a face for each. About 0.05 s per photo on one thread."""

    def __init__(self) -> None:
        """Load the shipped detectors. Raises `ModelError` if one is missing or damaged."""
        self._persons = PersonDetector()
        self._faces = FaceDetector()
        self._mesher = FaceMesher()

    def __call__(self, image: Picture) -> tuple[Seeds, float]:
        """One seed per person in an upright RGB image; and the probability 0–1 of the likeliest, accepted or not."""
        height, width = image.shape[:2]
        candidates = find_candidates(self._persons, image)
        probabilities = person_probabilities(candidates, width, height)
        chosen = accepted(candidates.boxes, probabilities, width, height)
        faces = find_faces(self._faces, image)
        seeds = distinct(make_seeds(image, candidates, probabilities, chosen, faces, self._mesher))
        return seeds, float(probabilities.max(initial=0))
