//! Pipelines, one per shader and what is set of its flags, made once per device and shared by all engines
//! on it.

use std::collections::HashMap;

use wgpu::{BindGroupLayout, BufferBindingType, ComputePipeline};

use crate::{device::Gpu, shaders::Shader, uniforms::Step};

/// A shader ready to run.
#[derive(Clone)]
pub(crate) struct Pipeline {
    /// The program.
    pub pipeline: ComputePipeline,
    /// Of group 0: the uniform, what is written, what is read.
    pub layout: BindGroupLayout,
}

/// All pipelines that were asked for so far.
#[derive(Default)]
pub(crate) struct Pipelines {
    made: HashMap<(Shader, Vec<bool>), Pipeline>,
    step: Option<BindGroupLayout>,
}

impl Pipelines {
    /// The pipeline of a shader whose flags are set or not.
    pub fn get(&mut self, gpu: &Gpu, shader: Shader, flags: Vec<bool>) -> Pipeline {
        let step = self.step(gpu);
        let constants: Vec<_> = shader
            .flags()
            .iter()
            .zip(&flags)
            .map(|(&(_, name), &set)| (name, f64::from(set)))
            .chain(shader.constants().iter().copied())
            .collect();
        let make = || make(gpu, shader, &constants, &step);
        self.made.entry((shader, flags)).or_insert_with(make).clone()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.made.len()
    }

    /// The layout of group 1: where the iteration is.
    pub fn step(&mut self, gpu: &Gpu) -> BindGroupLayout {
        self.step
            .get_or_insert_with(|| layout(gpu, "step", &[uniform(0, size_of::<Step>())]))
            .clone()
    }
}

fn make(gpu: &Gpu, shader: Shader, constants: &[(&str, f64)], step: &BindGroupLayout) -> Pipeline {
    let mut entries = vec![
        uniform(0, shader.params_size()),
        storage(1, BufferBindingType::Storage { read_only: false }),
    ];
    let reads = (0..shader.reads()).map(|index| {
        let read_only = !(shader.keeps() && index + 1 == shader.reads());
        storage(index as u32 + 2, BufferBindingType::Storage { read_only })
    });
    entries.extend(reads);
    let layout = layout(gpu, shader.name(), &entries);
    let groups = [Some(&layout), shader.has_step().then_some(step)];
    let pipeline_layout = gpu.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(shader.name()),
        bind_group_layouts: &groups[..1 + usize::from(shader.has_step())],
        immediate_size: 0,
    });
    let pipeline = gpu.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(shader.name()),
        layout: Some(&pipeline_layout),
        module: &module(gpu, shader),
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants,
            zero_initialize_workgroup_memory: false,
        },
        cache: None,
    });
    Pipeline { pipeline, layout }
}

/// The shader's code. Our loops end and our indices are in range, so the checks that natively slow
/// down every inner loop are left out; browsers have their own.
#[expect(unsafe_code, reason = "all shaders are ours, and tests run every one of them checked")]
fn module(gpu: &Gpu, shader: Shader) -> wgpu::ShaderModule {
    let descriptor = wgpu::ShaderModuleDescriptor {
        label: Some(shader.name()),
        source: wgpu::ShaderSource::Wgsl(shader.source(gpu.tier()).into()),
    };
    let checks = wgpu::ShaderRuntimeChecks { force_loop_bounding: false, ..Default::default() };
    // SAFETY: every loop of the shaders runs over a range that its uniform states.
    unsafe { gpu.device.create_shader_module_trusted(descriptor, checks) }
}

fn layout(gpu: &Gpu, label: &str, entries: &[wgpu::BindGroupLayoutEntry]) -> BindGroupLayout {
    let descriptor = wgpu::BindGroupLayoutDescriptor { label: Some(label), entries };
    gpu.device.create_bind_group_layout(&descriptor)
}

fn uniform(binding: u32, size: usize) -> wgpu::BindGroupLayoutEntry {
    let entry = storage(binding, BufferBindingType::Uniform);
    let ty = wgpu::BindingType::Buffer {
        ty: BufferBindingType::Uniform,
        has_dynamic_offset: true,
        min_binding_size: wgpu::BufferSize::new(size as u64),
    };
    wgpu::BindGroupLayoutEntry { ty, ..entry }
}

fn storage(binding: u32, ty: BufferBindingType) -> wgpu::BindGroupLayoutEntry {
    wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
        count: None,
    }
}
