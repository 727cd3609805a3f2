"""Render the bodies with Debian's Blender 3.4: blender -b -P render.py -- BODIES_DIR OUT_DIR [NAME ...]"""

import math
import sys
from pathlib import Path

import bpy
import numpy as np

WIDTH, HEIGHT, SAMPLES = 720, 960, 24
ROUGHNESS = (0.55, 0.15, 0.2, 0.1, 0.6, 0.9, 0.85, 0.8)


def linear(value):
    value = value / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def material(name, colour, roughness):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Specular"].default_value = 0.25
    return made


def lamp(x, z, energy):
    data = bpy.data.lights.new("lamp", "AREA")
    data.energy, data.size = energy, 1.2
    light = bpy.data.objects.new("lamp", data)
    light.location = (x, -1.6, z)
    light.rotation_euler = (math.radians(80), 0, math.atan2(x, 1.6))
    bpy.context.collection.objects.link(light)


def room():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = SAMPLES
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 3
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.world = bpy.data.worlds.new("world")
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs[0].default_value = (1, 1, 1, 1)
    scene.world.node_tree.nodes["Background"].inputs[1].default_value = 0.45
    lamp(-1.2, 0.25, 26)
    lamp(1.2, 0.25, 26)
    bpy.ops.mesh.primitive_plane_add(size=8, location=(0, 1.2, 0), rotation=(math.radians(90), 0, 0))
    wall = bpy.data.materials.new("wall")
    wall.use_nodes = True
    nodes = wall.node_tree.nodes
    nodes.clear()
    glow, out = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    glow.inputs["Color"].default_value = (linear(100), linear(197), linear(255), 1)
    wall.node_tree.links.new(glow.outputs[0], out.inputs[0])
    plane = bpy.context.object
    plane.data.materials.append(wall)
    plane.visible_diffuse = plane.visible_glossy = False
    camera = bpy.data.cameras.new("camera")
    camera.sensor_fit, camera.sensor_height, camera.lens = "VERTICAL", 24, 85
    eye = bpy.data.objects.new("camera", camera)
    eye.location, eye.rotation_euler = (0, -2.0, -0.055), (math.radians(90), 0, 0)
    bpy.context.collection.objects.link(eye)
    scene.camera = eye
    return scene


def sit(data):
    mesh = bpy.data.meshes.new("person")
    mesh.from_pydata(data["vertices"].tolist(), [], data["quads"].tolist())
    colours = (
        data["skin"], (0.75, 0.74, 0.72), (0.05, 0.025, 0.012), (0.004, 0.004, 0.004), data["hair"], data["garment"],
        data["collar"], data["hair"] * 2 + data["skin"] * 0.12,
    )  # fmt: skip
    for number, colour in enumerate(colours):
        mesh.materials.append(material(str(number), tuple(colour), ROUGHNESS[number]))
    mesh.polygons.foreach_set("material_index", data["materials"].astype(np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(mesh.polygons), dtype=bool))
    person = bpy.data.objects.new("person", mesh)
    bpy.context.collection.objects.link(person)
    smooth = person.modifiers.new("smooth", "SUBSURF")
    smooth.levels = smooth.render_levels = 1
    return person


def main(bodies, out, names):
    for path in sorted(bodies.glob("*.npz")):
        target = out / f"{path.stem}.png"
        if (names and path.stem not in names) or target.exists():
            continue
        scene = room()
        sit(np.load(path))
        scene.render.filepath = str(target)
        bpy.ops.render.render(write_still=True)


arguments = sys.argv[sys.argv.index("--") + 1 :]
main(Path(arguments[0]), Path(arguments[1]), arguments[2:])
